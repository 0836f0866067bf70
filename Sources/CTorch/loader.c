#include "ctorch.h"
const char *ct_load(const char *path) { return path; }
