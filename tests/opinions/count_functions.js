// Prints how many functions with a body and a name the TypeScript compiler sees in a file: node count_functions.js FOLDER FILE,
// where FOLDER is the unpacked npm package "typescript".
"use strict";
const ts = require(require("path").join(process.argv[2], "lib", "typescript.js"));
const path = process.argv[3];
const kind = /\.tsx$/.test(path) ? ts.ScriptKind.TSX : /\.[mc]?ts$/.test(path) ? ts.ScriptKind.TS : ts.ScriptKind.JSX;
const file = ts.createSourceFile(path, require("fs").readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true, kind);

const isValue = (node) => node !== undefined && (ts.isArrowFunction(node) || ts.isFunctionExpression(node));
const isNamed = (node) => ts.isIdentifier(node) || ts.isPropertyAccessExpression(node);

function counts(node) {
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isConstructorDeclaration(node) || ts.isAccessor(node))
    return node.body !== undefined;
  if (ts.isVariableDeclaration(node)) return ts.isIdentifier(node.name) && isValue(node.initializer);
  if (ts.isPropertyDeclaration(node) || ts.isPropertyAssignment(node)) return isValue(node.initializer);
  if (ts.isBinaryExpression(node))
    return node.operatorToken.kind === ts.SyntaxKind.EqualsToken && isNamed(node.left) && isValue(node.right);
  if (ts.isExportAssignment(node)) return isValue(node.expression);
  // A function expression with a name of its own that is handed on at once.
  return ts.isFunctionExpression(node) && node.name !== undefined
    && (ts.isReturnStatement(node.parent) || (ts.isCallExpression(node.parent) && node.parent.expression !== node));
}

let found = 0;
(function visit(node) {
  if (counts(node)) found++;
  ts.forEachChild(node, visit);
})(file);
console.log(found);
