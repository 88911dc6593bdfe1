// SPDX-License-Identifier: GPL-3.0-or-later
/* Work that several threads share: see spread.h. */
#include "core/spread.h"

#include <pthread.h>
#include <sched.h>

unsigned spread_cpus(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set);

	return n < 1 ? 1 : (unsigned)n;
}

struct job {
	void (*work)(void *piece);
	void *piece;
	pthread_t thread;
	bool started;
};

static void *run(void *data)
{
	struct job *j = data;

	j->work(j->piece);
	return NULL;
}

void spread(void (*work)(void *piece), void *pieces, size_t n, size_t size)
{
	struct job jobs[SPREAD_MAX];

	n = kd_min(n, SPREAD_MAX);
	for (size_t i = 1; i < n; i++) {
		jobs[i] = (struct job){ .work = work, .piece = (char *)pieces + i * size };
		jobs[i].started = !pthread_create(&jobs[i].thread, NULL, run, &jobs[i]);
	}
	if (n)
		work(pieces);
	for (size_t i = 1; i < n; i++) {
		if (jobs[i].started)
			pthread_join(jobs[i].thread, NULL);
		else
			work(jobs[i].piece);
	}
}
