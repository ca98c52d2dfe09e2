// Passkeys: the browser's part of enrolling one and of signing in with one. Everything else works without this file.
"use strict";
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const post = async (form, url, body) => {
    const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    const answer = await fetch(url, { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json", "X-CSRFToken": token }, body: JSON.stringify(body) });
    const data = await answer.json();
    if (!answer.ok) throw new Error(data.code || "failed");
    return data;
  };
  const ids = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));
  const plain = (credential) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    }
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response, clientExtensionResults: credential.getClientExtensionResults(), authenticatorAttachment: credential.authenticatorAttachment };
  };
  const enrol = async (form) => {
    const options = await post(form, form.dataset.begin, { password: form.elements.password.value });
    options.challenge = bytes(options.challenge);
    options.user.id = bytes(options.user.id);
    options.excludeCredentials = ids(options.excludeCredentials);
    const made = await navigator.credentials.create({ publicKey: options });
    await post(form, form.dataset.complete, { ...plain(made), name: form.elements.name.value });
  };
  const pass = async (form) => {
    const options = await post(form, form.dataset.begin, {});
    options.challenge = bytes(options.challenge);
    options.allowCredentials = ids(options.allowCredentials);
    const got = await navigator.credentials.get({ publicKey: options });
    await post(form, form.dataset.complete, plain(got));
  };
  const work = { enrol, pass };
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential) continue;
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const problem = form.querySelector("[data-problem]");
      problem.hidden = true;
      try {
        await work[form.dataset.passkey](form);
        location.assign(form.dataset.next);
      } catch (error) {
        problem.textContent = error.message === "password_wrong" ? problem.dataset.password : problem.dataset.problem;
        problem.hidden = false;
      }
    });
  }
})();
