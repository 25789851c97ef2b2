function sound(a) {
  return a + 1;
}
function broken(a {
  return a;
}
const fine = () => {
  return 2;
};
