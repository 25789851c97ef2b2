module Clauses where

fib :: Int -> Integer
fib 0 = 0
-- the base
fib 1 = 1

fib n = fib (n - 1) + fib (n - 2)

zipLists :: [a] -> [b] -> [(a, b)]
zipLists (x:xs) (y:ys) = (x, y) : zipLists xs ys
zipLists _ _ = []

classify n
  | n < 0 = "negative"
  | n == 0, True = "zero"
  | otherwise = "positive"
