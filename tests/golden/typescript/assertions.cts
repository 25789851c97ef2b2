const fs = require("fs");
export = class Reader {
  constructor(readonly path: string) {}
  read(): string { return fs.readFileSync(this.path, "utf8"); }
};
