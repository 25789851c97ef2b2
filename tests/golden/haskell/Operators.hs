module Operators where

infixl 6 <+>, |>
(<+>) :: Int -> Int -> Int
a <+> b = a + b

(|>) x f = f x

x `divides` y = y `mod` x == 0
(f .: g) a b = f (g a b)

(==>) = implies
