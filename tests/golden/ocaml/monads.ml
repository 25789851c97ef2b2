open Lwt.Infix
let fetch url =
  Client.get url >>= fun reply ->
  let%lwt body = read reply in
  Lwt.return body
let both a b =
  let* x = a in
  let+ y = b in
  (x, y)
