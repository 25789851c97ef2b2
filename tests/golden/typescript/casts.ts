const element = <HTMLElement>document.getElementById("x");
function cast(value: unknown) {
  const text = <string>value;
  return text as unknown as number satisfies number;
}
