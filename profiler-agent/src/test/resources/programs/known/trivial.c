/* A library with a function that is sooner done than called. */
long trivial(long x)
{
	return x + 1;
}
