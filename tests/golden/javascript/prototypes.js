function Stack() { this.items = []; }
Stack.prototype.push = function (x) {
  this.items.push(x);
};
Stack.prototype = {
  pop: function () { return this.items.pop(); },
};
exports.make = () => new Stack();
module.exports = function main() {};
module.exports.helper = function () {};
a.b.c.d = function () { return "four names"; };
registry["key"] = () => "no plain name";
lookup("x").handler = function () {};
function Widget() {
  this.draw = function () {};
  this.parts.hide = () => {};
}
