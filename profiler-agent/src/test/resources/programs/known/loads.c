/* Loads the plugin that it is given, lets it work, and unloads it, again and again. */
#include <dlfcn.h>
#include <stdio.h>

#include "work.h"

FUNCTION calls(void (*run)(int), int rounds)
{
	USE_RBP;
	run(rounds);
	AFTER_CALL;
}

int main(int count, char **words)
{
	if (count < 2)
		return 1;
	for (;;) {
		void *plugin = dlopen(words[1], RTLD_NOW);
		void (*run)(int) = plugin ? (void (*)(int))dlsym(plugin, "plugin_run") : NULL;

		if (!run) {
			fprintf(stderr, "%s\n", dlerror());
			return 2;
		}
		calls(run, 200);
		dlclose(plugin);
	}
}
