#include "cmujoco.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>

static struct {
  const char *(*versionString)(void);
  void *(*parseXMLString)(const char *, const void *, char *, int);
  void *(*compile)(void *, const void *);
  const char *(*specError)(void *);
  void (*deleteSpec)(void *);
  void (*deleteModel)(void *);
  void *(*makeData)(const void *);
  void (*deleteData)(void *);
  void (*resetData)(const void *, void *);
  int (*stateSize)(const void *, int);
  void (*getState)(const void *, const void *, double *, int);
  void (*setState)(const void *, void *, const double *, int);
  void (*step)(const void *, void *);
  void (*forward)(const void *, void *);
  int (*name2id)(const void *, int, const char *);
  void (*objectVelocity)(const void *, const void *, int, int, double *, int);
} mj;

static char problem[1024];
static int loaded;

static void find(void *library, const char *name, void *slot) {
  void *function = dlsym(library, name);
  if (!function && !problem[0]) snprintf(problem, sizeof problem, "it has no function %s", name);
  *(void **)slot = function;
}

static const char *load(const char *path) {
  if (loaded) return NULL;
  problem[0] = 0;
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(problem, sizeof problem, "%s", dlerror());
    return problem;
  }
  find(library, "mj_versionString", &mj.versionString);
  find(library, "mj_parseXMLString", &mj.parseXMLString);
  find(library, "mj_compile", &mj.compile);
  find(library, "mjs_getError", &mj.specError);
  find(library, "mj_deleteSpec", &mj.deleteSpec);
  find(library, "mj_deleteModel", &mj.deleteModel);
  find(library, "mj_makeData", &mj.makeData);
  find(library, "mj_deleteData", &mj.deleteData);
  find(library, "mj_resetData", &mj.resetData);
  find(library, "mj_stateSize", &mj.stateSize);
  find(library, "mj_getState", &mj.getState);
  find(library, "mj_setState", &mj.setState);
  find(library, "mj_step", &mj.step);
  find(library, "mj_forward", &mj.forward);
  find(library, "mj_name2id", &mj.name2id);
  find(library, "mj_objectVelocity", &mj.objectVelocity);
  if (problem[0]) {
    dlclose(library);
    return problem;
  }
  loaded = 1;
  return NULL;
}

const char *cm_mujoco_load(const char *path) {
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  const char *result = load(path);
  pthread_mutex_unlock(&mutex);
  return result;
}

const char *cm_mujoco_version(void) { return mj.versionString(); }

void *cm_mujoco_model(const char *xml, char *error, int size) {
  error[0] = 0;
  void *spec = mj.parseXMLString(xml, NULL, error, size);
  if (!spec) return NULL;
  void *model = mj.compile(spec, NULL);
  if (!model) {
    const char *reason = mj.specError(spec);
    snprintf(error, (size_t)size, "%s", reason ? reason : "it cannot be compiled");
  }
  mj.deleteSpec(spec);
  return model;
}

void cm_mujoco_free_model(void *model) { mj.deleteModel(model); }
void *cm_mujoco_data(const void *model) { return mj.makeData(model); }
void cm_mujoco_free_data(void *data) { mj.deleteData(data); }
void cm_mujoco_reset(const void *model, void *data) { mj.resetData(model, data); }
int cm_mujoco_size(const void *model, int spec) { return mj.stateSize(model, spec); }
void cm_mujoco_get(const void *model, const void *data, double *state, int spec) { mj.getState(model, data, state, spec); }
void cm_mujoco_set(const void *model, void *data, const double *state, int spec) { mj.setState(model, data, state, spec); }
void cm_mujoco_step(const void *model, void *data, int count) {
  for (int i = 0; i < count; i++) mj.step(model, data);
}
void cm_mujoco_forward(const void *model, void *data) { mj.forward(model, data); }
int cm_mujoco_id(const void *model, int type, const char *name) { return mj.name2id(model, type, name); }
void cm_mujoco_velocity(const void *model, const void *data, int type, int id, double *velocity) {
  mj.objectVelocity(model, data, type, id, velocity, 1);
}
