-- Licence
module Comments where

{- block
   over lines
   f x = no
-}
f x {- here -} = x -- trailing
  -- own line
  + 1

-- | Haddock
-- more
g :: Int -- ^ argument
  -> Int -- ^ result
g y = y
