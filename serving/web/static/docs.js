// @ts-check
// Fills the page of the API documentation.

window.ui = SwaggerUIBundle({
  url: "openapi.json", dom_id: "#doc", deepLinking: true, validatorUrl: null, defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
});
