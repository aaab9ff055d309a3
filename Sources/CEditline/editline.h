// The C library, and its variadic calls as functions of fixed arguments. Only LineEditing imports it.

#ifndef REDSTREAM_CEDITLINE_H
#define REDSTREAM_CEDITLINE_H

#include <histedit.h>
#include <stdio.h>
#include <locale.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

// Swift cannot call variadic functions; each wrapper below fixes the arguments of one operation of el_set,
// el_get or history.

typedef unsigned char (*redstream_edit_function)(EditLine *, int);
typedef char *(*redstream_edit_prompt)(EditLine *);

static inline int redstream_el_set_client_data(EditLine *editor, void *data) {
    return el_set(editor, EL_CLIENTDATA, data);
}

static inline void *redstream_el_client_data(EditLine *editor) {
    void *data = 0;
    el_get(editor, EL_CLIENTDATA, &data);
    return data;
}

// The escape character encloses what takes no room on the screen.
static inline int redstream_el_set_prompt(EditLine *editor, redstream_edit_prompt prompt, char escape) {
    return el_set(editor, EL_PROMPT_ESC, prompt, escape);
}

static inline int redstream_el_set_keys(EditLine *editor, const char *keys) {
    return el_set(editor, EL_EDITOR, keys);
}

static inline const char *redstream_el_keys(EditLine *editor) {
    const char *keys = 0;
    el_get(editor, EL_EDITOR, &keys);
    return keys;
}

static inline int redstream_el_add_function(
    EditLine *editor, const char *name, const char *help, redstream_edit_function function) {
    return el_set(editor, EL_ADDFN, name, help, function);
}

static inline int redstream_el_bind(EditLine *editor, const char *key, const char *function) {
    return el_set(editor, EL_BIND, key, function, NULL);
}

// Of vi's keys, those of the command mode.
static inline int redstream_el_bind_alternate(EditLine *editor, const char *key, const char *function) {
    return el_set(editor, EL_BIND, "-a", key, function, NULL);
}

// Prints all bindings to the output.
static inline int redstream_el_list_bindings(EditLine *editor) {
    return el_set(editor, EL_BIND, NULL);
}

static inline int redstream_el_set_output(EditLine *editor, FILE *output) {
    return el_set(editor, EL_SETFP, 1, output);
}

// Ctrl-C, Ctrl-Z and Ctrl-\ are keys while a line is edited, not signals to a program full of threads.
static inline int redstream_el_take_signal_keys(EditLine *editor) {
    return el_set(editor, EL_SETTY, "-d", "-isig", NULL);
}

// The wide call: the narrow one of older versions hands bytes to the function.
static inline int redstream_el_set_reader(EditLine *editor, int (*reader)(EditLine *, wchar_t *)) {
    return el_wset(editor, EL_GETCFN, reader);
}

static inline int redstream_el_set_history(EditLine *editor, History *entries) {
    return el_set(editor, EL_HIST, history, entries);
}

static inline int redstream_el_prepare_terminal(EditLine *editor, int isEditing) {
    return el_set(editor, EL_PREP_TERM, isEditing);
}

// Draws prompt and line anew from where the cursor stands.
static inline int redstream_el_refresh(EditLine *editor) {
    return el_set(editor, EL_REFRESH);
}

static inline int redstream_history_set_size(History *entries, int size) {
    HistEvent event;
    return history(entries, &event, H_SETSIZE, size);
}

static inline int redstream_history_enter(History *entries, const char *line) {
    HistEvent event;
    return history(entries, &event, H_ENTER, line);
}

static inline int redstream_history_clear(History *entries) {
    HistEvent event;
    return history(entries, &event, H_CLEAR);
}

// glibc hides wcwidth from who asks for standard C only.
extern int wcwidth(wchar_t character);

// A locale of UTF-8; none where the system has none of that name.
static inline locale_t redstream_utf8_locale(void) {
    return newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

// The width of a character by that locale, whatever the process has chosen; -1 for what is not printable.
static inline int redstream_character_width(wchar_t character, locale_t locale) {
    locale_t before = locale ? uselocale(locale) : locale;
    int width = wcwidth(character);
    if (locale) uselocale(before);
    return width;
}

#endif
