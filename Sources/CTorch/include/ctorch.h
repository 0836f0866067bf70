#pragma once
const char *ct_load(const char *path);
