/*
 * Loads the programs of an object file as if the kernel had other types.
 *
 *   load OBJECT TYPES    TYPES: a file of BTF
 */
#include <stdio.h>

#include <bpf/libbpf.h>

int main(int count, char **words)
{
	LIBBPF_OPTS(bpf_object_open_opts, options);
	struct bpf_object *object;
	int error;

	if (count != 3)
		return 2;
	options.btf_custom_path = words[2];
	object = bpf_object__open_file(words[1], &options);
	if (!object)
		return 3;
	error = bpf_object__load(object);
	bpf_object__close(object);
	if (error)
		printf("%d\n", error);
	return error != 0;
}
