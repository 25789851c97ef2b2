module PointFree where

import Data.Char (toUpper)

shout :: String -> String
shout = map toUpper . reverse

increment = (+ 1)
apply = \f x -> f x
choose = \case
  0 -> "none"
  _ -> "some"
count = length
table = [(1, "a"), (2, "b")]
both = if debug then shout else id
pairs = [(x, y) | x <- [1 .. 3], y <- [x ..]]
