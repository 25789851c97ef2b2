let double = fun x -> x * 2
let classify = function
  | 0 -> "zero"
  | n when n < 0 -> "negative"
  | _ ->
    let text = "positive" in
    text
let wrapped = (fun x -> x)
let poly : type a. a -> a = fun x -> x
let partial = List.map succ
let outer list =
  let inner x = x + 1 in
  let rec loop = function
    | [] -> 0
    | x :: rest -> inner x + loop rest
  in
  List.iter (fun x ->
      print_int x;
      print_newline ())
    list;
  loop list
