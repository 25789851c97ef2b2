let sound x = x + 1

let broken x = (x +

let fine y = y
