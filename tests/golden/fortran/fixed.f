C     Scales a vector.
*     Another comment
      SUBROUTINE DSCAL(N,DA,DX,INCX)
*     .. Scalar Arguments ..
      DOUBLE PRECISION DA
      INTEGER I,N,INCX
      DOUBLE PRECISION DX(*)
      IF (N.LE.0 .OR.
     $    INCX.LE.0) RETURN
      DO 10 I = 1,N
         DX(I) = DA*
     +           DX(I)
   10 CONTINUE
      RETURN
*
*     End of DSCAL
*
      END
C$OMP THREADPRIVATE
      DOUBLE PRECISION FUNCTION DTWICE(X)
      DOUBLE PRECISION X
      DTWICE = 2*X
      END
