class counter init = object (self)
  val mutable n = init
  method get = n
  method incr by =
    n <- n + by;
    self#notify
  method private notify : unit = ()
  method virtual_like = fun x -> x
  initializer Printf.printf "made"
end

class virtual shape = object
  method virtual area : float
  method twice = 2. *. 1.
end

let make () =
  object
    method run = 1
  end
