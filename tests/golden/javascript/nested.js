function outer(items) {
  function inner(x) {
    const innermost = (y) => {
      return y + 1;
    };
    return innermost(x);
  }
  return items.map(function each(item) { return inner(item); });
}
function counter() {
  let n = 0;
  return function next() { return ++n; };
}
(function () {
  function hidden() { return 1; }
  var local = function () { return hidden(); };
  global.lib = local;
})();
