def load(path)
  File.read(path)
rescue Errno::ENOENT, IOError => e
  warn e.message
  retry
else
  1
ensure
  done
end

def nested
  begin
    risky
  rescue
    nil
  end while busy?
  items.each do |item|
    use(item)
  rescue StandardError
    next
  end
end
