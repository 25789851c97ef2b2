const sql = `
  SELECT *
    FROM t
   WHERE a = ${value}
`;
function page(title) {
  const joined = "one \
    two";
  return `<h1>
    ${title}
  </h1>` + /[/"']+/g.source;
}
