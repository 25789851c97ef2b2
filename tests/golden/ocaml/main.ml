let usage = "usage"
let main () =
  Arg.parse [
    "-v", Arg.Set verbose, "be loud";
    "-o", Arg.String (fun s -> out := s), "output";
  ] ignore usage;
  run ()
;;
main ()
