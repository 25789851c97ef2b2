@register
class Service {
  @cached
  @log("info")
  find(id) { return this.db.get(id); }
}
