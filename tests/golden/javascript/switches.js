function classify(x) {
  switch (typeof x) {
    case "string": {
      return 1;
    }
    case "number":
    case "bigint":
      if (x > 0)
        return 2;
      else if (x < 0)
        return 3;
      break;
    default:
      // unknown
      return 0;
  }
  outer: for (const a of x)
    for (const b of a)
      if (b) continue outer;
  do {
    x--;
  } while (x);
  {
    let block = x;
  }
}
