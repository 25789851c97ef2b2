{-# LANGUAGE BangPatterns #-}
-- | Module docs.
module Functions (sumTo, main) where

import qualified Data.Map.Strict as Map
import Data.List (sortOn)

-- | Adds up.
sumTo :: Int -> Int
sumTo n = go 0 n -- both
  where
    go !acc 0 = acc
    go !acc k =
      go (acc + k) (k - 1)

average :: [Double] -> Double
average xs = total / fromIntegral (length xs)
  where total = sum xs

limit = 100
names = ["a", "b"]

main :: IO ()
main = do
  let n = sumTo limit
      twice x = x * 2
  print n
  mapM_ print $ filter even [1 .. n]
