/** Documents a package. */
@NonNull
package demo.api;
