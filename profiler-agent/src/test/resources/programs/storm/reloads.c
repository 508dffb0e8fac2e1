/*
 * Loads plugins and unloads them, one after the other, for so many seconds. Each is called by a
 * function of its own number: a stack says by itself which plugin was there. All of them come to lie
 * at the same address. Prints how many were loaded, and at how many addresses.
 *   reloads SECONDS FOLDER
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static volatile unsigned long sink;

#define VIA(number)                                                            \
	__attribute__((noipa)) static void via_##number(void (*run)(void))     \
	{                                                                      \
		run();                                                         \
		sink = sink + 1##number;                                       \
	}

VIA(00)
VIA(01)
VIA(02)
VIA(03)
VIA(04)
VIA(05)
VIA(06)
VIA(07)
VIA(08)
VIA(09)
VIA(10)
VIA(11)
VIA(12)
VIA(13)
VIA(14)
VIA(15)

static void (*const vias[])(void (*)(void)) = {via_00, via_01, via_02, via_03, via_04, via_05,
					       via_06, via_07, via_08, via_09, via_10, via_11,
					       via_12, via_13, via_14, via_15};

int main(int count, char **words)
{
	void (*addresses[64])(void);
	int known = 0;
	long loaded = 0;
	time_t until;

	if (count < 3)
		return 2;
	until = time(NULL) + atol(words[1]);
	while (time(NULL) < until) {
		int number = (int)(loaded % 16), i;
		char path[4096], name[32];
		void *plugin;
		void (*run)(void);

		snprintf(path, sizeof(path), "%s/plugin_%02d.so", words[2], number);
		snprintf(name, sizeof(name), "plugin_%02d", number);
		plugin = dlopen(path, RTLD_NOW);
		run = plugin ? (void (*)(void))dlsym(plugin, name) : NULL;
		if (!run) {
			fprintf(stderr, "%s\n", dlerror());
			return 3;
		}
		for (i = 0; i < known && addresses[i] != run; i++)
			;
		if (i == known && known < 64)
			addresses[known++] = run;
		vias[number](run);
		dlclose(plugin);
		loaded++;
	}
	printf("%ld %d\n", loaded, known);
	return 0;
}
