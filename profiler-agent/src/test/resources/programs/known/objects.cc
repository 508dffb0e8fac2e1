// Virtual calls, exceptions, threads of the C++ library, and sorting with a function of our own.
#include <algorithm>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "work.h"

WORK(sixty, 6)
WORK(thirty, 3)
WORK(ten, 1)

struct Task
{
	virtual ~Task() = default;
	virtual void run() = 0;
};

struct Sixty : Task
{
	__attribute__((noipa)) void run() override
	{
		USE_RBP;
		sixty();
		AFTER_CALL;
	}
};

struct Thirty : Task
{
	__attribute__((noipa)) void run() override
	{
		USE_RBP;
		thirty();
		AFTER_CALL;
	}
};

struct Ten : Task
{
	__attribute__((noipa)) void run() override
	{
		USE_RBP;
		ten();
		AFTER_CALL;
	}
};

__attribute__((noipa)) void b(Task &task)
{
	std::string room("more than fits into a short string of the library");

	USE_RBP;
	task.run();
	sink = sink + room.size();
}

__attribute__((noipa)) void throws(int level)
{
	std::string room("more than fits into a short string of the library");

	if (level == 0)
		throw std::runtime_error(room);
	throws(level - 1);
	AFTER_CALL;
}

__attribute__((noipa)) void catches(void)
{
	try {
		throws(8);
	} catch (const std::runtime_error &error) {
		sink = sink + error.what()[0];
	}
}

__attribute__((noipa)) bool compares(long one, long other)
{
	sink = sink + 1;
	return one < other;
}

__attribute__((noipa)) void sorts(void)
{
	std::vector<long> numbers;
	unsigned long x = 1;

	for (int i = 0; i < 2000; i++)
		numbers.push_back(static_cast<long>((x = x * 6364136223846793005UL + 1) >> 16));
	std::sort(numbers.begin(), numbers.end(), compares);
	sink = sink + numbers[0];
}

__attribute__((noipa)) void a(int rounds)
{
	Sixty six;
	Thirty three;
	Ten one;
	Task *tasks[] = {&six, &three, &one};

	for (int i = 0; i < rounds; i++)
		for (Task *task : tasks)
			b(*task);
	catches();
	sorts();
	AFTER_CALL;
}

int main()
{
	std::thread other([] {
		for (;;)
			a(50);
	});
	for (;;)
		a(50);
}
