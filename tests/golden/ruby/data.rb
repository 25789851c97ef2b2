puts DATA.read

def reader = 1
__END__
def not_code
  1
end
