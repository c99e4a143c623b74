/* The program "dotnet" for a system whose SDK no package source serves: starts hostfxr of its own folder as the real one does. */
#ifdef _WIN32
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

typedef int(__cdecl *main_fn)(int, const wchar_t **, const wchar_t *, const wchar_t *, const wchar_t *);

int wmain(int argc, wchar_t **argv)
{
    static wchar_t self[4096], root[4096], fxr[4096], app[4096];
    GetModuleFileNameW(NULL, self, 4096);
    wcscpy(root, self);
    *wcsrchr(root, L'\\') = 0;
    swprintf(fxr, 4096, L"%ls\\host\\fxr\\" RUNTIME_VERSION L"\\hostfxr.dll", root);
    swprintf(app, 4096, L"%ls\\dotnet.dll", root);
    HMODULE library = LoadLibraryW(fxr);
    if (!library) {
        fwprintf(stderr, L"%ls cannot be loaded\n", fxr);
        return 131;
    }
    return ((main_fn)GetProcAddress(library, "hostfxr_main_startupinfo"))(argc, (const wchar_t **)argv, self, root, app);
}
#else
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef int (*main_fn)(int, const char **, const char *, const char *, const char *);

int main(int argc, char **argv)
{
    static char self[PATH_MAX], root[PATH_MAX], fxr[2 * PATH_MAX], app[2 * PATH_MAX];
    if (readlink("/proc/self/exe", self, PATH_MAX - 1) < 0) {
        perror("/proc/self/exe");
        return 131;
    }
    strcpy(root, self);
    *strrchr(root, '/') = 0;
    snprintf(fxr, sizeof fxr, "%s/host/fxr/" RUNTIME_VERSION "/libhostfxr.so", root);
    snprintf(app, sizeof app, "%s/dotnet.dll", root);
    void *library = dlopen(fxr, RTLD_LAZY);
    if (!library) {
        fprintf(stderr, "%s\n", dlerror());
        return 131;
    }
    return ((main_fn)dlsym(library, "hostfxr_main_startupinfo"))(argc, (const char **)argv, self, root, app);
}
#endif
