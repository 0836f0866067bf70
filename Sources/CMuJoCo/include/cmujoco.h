#pragma once
#include <stdint.h>
// The few functions of MuJoCo that Cajal calls, found in the library when it is loaded; no header of MuJoCo is needed,
// since state goes in and out through functions, not through its structures.

// Loads the library; null, or what went wrong. Once loaded, later calls do nothing.
const char *cm_mujoco_load(const char *path);
const char *cm_mujoco_version(void);
// A model from MJCF text; null with what went wrong in `error`.
void *cm_mujoco_model(const char *xml, char *error, int size);
void cm_mujoco_free_model(void *model);
void *cm_mujoco_data(const void *model);
void cm_mujoco_free_data(void *data);
void cm_mujoco_reset(const void *model, void *data);
// How many numbers the parts of the state have that the bits of `spec` (mjtState) name, reading and writing them.
int cm_mujoco_size(const void *model, int spec);
void cm_mujoco_get(const void *model, const void *data, double *state, int spec);
void cm_mujoco_set(const void *model, void *data, const double *state, int spec);
void cm_mujoco_step(const void *model, void *data, int count);
void cm_mujoco_forward(const void *model, void *data);
// An object's number by type (mjtObj) and name, -1 where there is none.
int cm_mujoco_id(const void *model, int type, const char *name);
// Rotational, then linear velocity of an object in its own frame, six numbers.
void cm_mujoco_velocity(const void *model, const void *data, int type, int id, double *velocity);
