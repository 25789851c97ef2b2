module Local where

outer :: [Int] -> Int
outer list =
  let step acc x = acc + scale x
      scale = \x -> x * 2
      start = 0
   in foldl step start list

withWhere x = helper x
  where
    helper :: Int -> Int
    helper 0 = 1
    helper n = other n
      where other m = m + 1
