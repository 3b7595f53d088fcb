/* SPDX-License-Identifier: BSD-2-Clause */
/* Writers whose tables nobody outside can predict: what the command reads, others have published. */

#include "cli.h"

#include <unistd.h>

void random_seed(uint64_t seed[2])
{
	if (getentropy(seed, 2 * sizeof *seed) < 0)
		seed[0] = seed[1] = 0; /* the library's own, then */
}

int db_owner_new(manrs_db_owner **owner)
{
	manrs_db_config config;

	manrs_db_config_init(&config, sizeof config);
	random_seed(config.hash_seed);
	return manrs_db_owner_new(owner, &config);
}
