/**
 * Adds.
 * @param {number} a
 */
function add(a, /* first */ b) { // sum
  /* leading */ return a /* plus */ + b;
  // trailing
}

// between

/* block
   over lines */ function after() {
  // nothing but a comment
}
const text = "// no comment", url = `http://x /* neither */ ${ add(1 /* here it is one */, 2) }`;
<!-- html comment
--> another
// at the end
