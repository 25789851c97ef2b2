#include "config.h"
module pre
  implicit none
contains
#ifdef HAVE_FAST
  subroutine fast(x)
    real :: x
    x = FASTCALL(x)
  end subroutine fast
#else
  subroutine slow(x)
    real :: x
    x = 1.0
  end subroutine slow
#endif
  subroutine always(x)
    real :: x
#if defined(DEBUG)
    print *, x
#endif
    x = x + 1
  end subroutine always
end module pre
