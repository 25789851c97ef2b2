let eval env expr =
  match expr with
  | Lit n -> n
  | Var name ->
    begin match lookup env name with
    | Some v -> v
    | None -> raise Not_found
    end
  | Add (a, b) ->
    let x = go a in
    let y = go b in
    x + y
  | If _ -> (
    try risky ()
    with Failure _ -> 0)

let loops n =
  for i = 0 to n - 1 do
    print_int i;
    if i > 3 then begin
      stop ();
      exit 0
    end else
      continue ()
  done;
  while !running do
    step ()
  done
