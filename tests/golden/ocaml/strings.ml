let text name =
  let a = "one \
           two" in
  let b = {|raw
    (* no comment *)
|} in
  let c = {sql|SELECT
  *|sql} in
  a ^ b ^ c ^ name ^ "\"quoted\""
