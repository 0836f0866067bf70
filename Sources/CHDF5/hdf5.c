#include "chdf5.h"
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static struct ch5_library hdf5;

// Debian's names, other distributions' names; with the numbers that 1.10 and 1.14 bear where no -dev package is.
static const char *const names[] = {
    "libhdf5_serial.so", "libhdf5.so", "libhdf5_serial.so.103", "libhdf5_serial.so.310", "libhdf5.so.103",
    "libhdf5.so.310",
};

static void *open_library(char *problem, size_t length) {
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    if (library) return library;
    // The first says what the package in use lacks; the others are only tried.
    if (i == 0) snprintf(problem, length, "%s (Debian's package libhdf5-dev has it)", dlerror());
  }
  return NULL;
}

static int find_functions(void *library, char *problem, size_t length) {
#define FIND(name) \
  if (!(*(void **)&hdf5.name = dlsym(library, #name))) { \
    snprintf(problem, length, "the HDF5 library has no function %s", #name); \
    return 0; \
  }
  CH5_FUNCTIONS(FIND)
#undef FIND
  return 1;
}

// Structures and identifiers differ between releases: the library must be the one whose header was compiled.
static int is_of_this_release(char *problem, size_t length) {
  unsigned major = 0, minor = 0, patch = 0;
  hdf5.H5get_libversion(&major, &minor, &patch);
  if (major == H5_VERS_MAJOR && minor == H5_VERS_MINOR) return 1;
  snprintf(
      problem, length, "the HDF5 library is version %u.%u.%u, but the program was built for %d.%d", major, minor, patch,
      H5_VERS_MAJOR, H5_VERS_MINOR);
  return 0;
}

static int find_identifiers(void *library, char *problem, size_t length) {
#define FIND(name, variable) \
  { \
    const hid_t *found = dlsym(library, #variable); \
    if (!found) { \
      snprintf(problem, length, "the HDF5 library has no variable %s", #variable); \
      return 0; \
    } \
    hdf5.name = *found; \
  }
  CH5_IDENTIFIERS(FIND)
#undef FIND
  return 1;
}

const struct ch5_library *ch5_load(char *problem, size_t length) {
  void *library = open_library(problem, length);
  if (!library || !find_functions(library, problem, length) || !is_of_this_release(problem, length)) return NULL;
  if (hdf5.H5open() < 0) {
    snprintf(problem, length, "the HDF5 library does not start");
    return NULL;
  }
  return find_identifiers(library, problem, length) ? &hdf5 : NULL;
}

hid_t ch5_half(void) {
  hid_t type = hdf5.H5Tcopy(hdf5.littleEndianBinary32);
  if (type < 0) return type;
  if (hdf5.H5Tset_fields(type, 15, 10, 5, 0, 10) < 0 || hdf5.H5Tset_size(type, 2) < 0 ||
      hdf5.H5Tset_ebias(type, 15) < 0) {
    hdf5.H5Tclose(type);
    return -1;
  }
  return type;
}

void ch5_be_silent(void) { hdf5.H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

static herr_t keep_description(unsigned n, const H5E_error2_t *error, void *text) {
  (void)n;
  if (error->desc) {
    strncpy(((struct ch5_text *)text)->bytes, error->desc, 255);
    ((struct ch5_text *)text)->bytes[255] = 0;
  }
  return 0;
}

struct ch5_text ch5_last_error(void) {
  struct ch5_text text = {{0}};
  hdf5.H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep_description, &text);
  hdf5.H5Eclear2(H5E_DEFAULT);
  return text;
}

// Called by the library where a conversion would change a number.
static H5T_conv_ret_t refuse_loss(
    H5T_conv_except_t kind, hid_t from, hid_t to, void *source, void *target, void *lenient) {
  (void)from; (void)to; (void)source; (void)target;
  if (kind == H5T_CONV_EXCEPT_PRECISION) return H5T_CONV_UNHANDLED;
  if (lenient && kind != H5T_CONV_EXCEPT_RANGE_HI && kind != H5T_CONV_EXCEPT_RANGE_LOW)
    return H5T_CONV_UNHANDLED;
  return H5T_CONV_ABORT;
}

herr_t ch5_set_exact_conversion(hid_t transfer, int to_float) {
  static char lenient;
  return hdf5.H5Pset_type_conv_cb(transfer, refuse_loss, to_float ? &lenient : NULL);
}

static herr_t refuse_traversal(
    const char *parent_file, const char *parent_group, const char *file, const char *object, unsigned *flags,
    hid_t access, void *data) {
  (void)parent_file; (void)parent_group; (void)file; (void)object; (void)flags; (void)access; (void)data;
  return -1;
}

herr_t ch5_stay_in_file(hid_t link_access) { return hdf5.H5Pset_elink_cb(link_access, refuse_traversal, NULL); }
