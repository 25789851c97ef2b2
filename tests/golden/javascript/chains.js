function load(url) {
  return fetch(url)
    .then((reply) => {
      return reply.json();
    })
    .catch(() => {
      return null;
    });
}
describe("suite", () => {
  it("works", async function () {
    const local = () => 1;
    expect(local()).toBe(1);
  });
});
