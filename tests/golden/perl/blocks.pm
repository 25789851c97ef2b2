package Outer;
sub before { 1 }
package Outer::Inner {
    sub method { 2 }
}
{
    package Hidden;
    sub secret { 3 }
}
sub after { 4 }
sub UNIVERSAL::describe { ref shift }
1;
