module Broken where

sound :: Int -> Int
sound x = x + 1

broken x = (x +

fine :: Int -> Int
fine y = y
