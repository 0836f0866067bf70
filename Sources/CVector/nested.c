#include "cvector.h"

static _Thread_local int32_t nested;

int32_t cajal_get_nested(void) { return nested; }
void cajal_set_nested(int32_t value) { nested = value; }
