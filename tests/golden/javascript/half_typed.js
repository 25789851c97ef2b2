class Queue {
  push(x) { this.items.push(x); }
  pop() {
    if (this.items.
  }
  size() { return this.items.length; }
}
