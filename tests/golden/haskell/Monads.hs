module Monads where

process :: Config -> IO (Either Error Result)
process config = runExceptT $ do
  handle <- liftIO $ open (path config)
  forM_ (items config) $ \item -> do
    when (valid item) $
      use item
    pure ()
  result <- case mode config of
    Fast -> fast handle
    Slow n
      | n > 3 -> slow handle
      | otherwise -> fast handle
  if ok result
    then pure result
    else throwError "bad"

parser = Parser <$> name <*> (char '(' *> args <* char ')')
