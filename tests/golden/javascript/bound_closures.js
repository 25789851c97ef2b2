const double = (x) => x * 2;
let square = function (x) {
  return x * x;
};
var named = function fact(n) { return n < 2 ? 1 : n * fact(n - 1); };
const first = (a) => a, second = async (b) => { await b; };
export const handler = async ({ body }) => {
  const parse = (text) => JSON.parse(text);
  return parse(body);
};
later = () => {};
const { pick = (o) => o.x } = options;
cache.get ||= function () {};
[1, 2].map((x) => x + 1).forEach(function (y) { console.log(y); });
